import DefaultTheme from 'vitepress/theme'
import './print.css'
import './wide.css'

export default DefaultTheme
