import DefaultTheme from 'vitepress/theme'
import Widget from './Widget.vue'
import './print.css'
import './wide.css'
import './widgets.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Widget', Widget)
  },
}
